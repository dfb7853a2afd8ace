package page

import "sync"

// memory keeps the last outcomes of forms that were sent without script: the redirect names one by its number.
type memory struct {
	mu   sync.Mutex
	last int
	kept map[int]outcome
}

const remembered = 100

func (m *memory) keep(o outcome) (number int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[int]outcome{}
	}
	m.last++
	m.kept[m.last] = o
	delete(m.kept, m.last-remembered)
	return m.last
}

// recall returns an outcome, the zero one when it is forgotten.
func (m *memory) recall(number int) outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[number]
}
