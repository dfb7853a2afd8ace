package sqlite

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	benchRounds = 5
	benchTime   = time.Second
)

// BenchmarkAgainstFloor compares a durable append with the least that a durable append can cost: the same bodies
// through the same writer loop into one file, with one fsync for each batch. Both sides run in turns, in random order,
// and the ratio is the median of the rounds' ratios: absolute figures of a shared machine mean little.
func BenchmarkAgainstFloor(b *testing.B) {
	needRealDisk(b)
	bodies := benchBodies(2000)
	for _, clients := range []int{1, 16, 128} {
		b.Run(fmt.Sprintf("c=%d", clients), func(b *testing.B) {
			for b.Loop() {
				var ratios, tails []float64
				var ours, floors []load
				for range benchRounds {
					sides := []func() load{
						func() load { floors = append(floors, loadFloor(b, clients, bodies)); return load{} },
						func() load { ours = append(ours, loadJournal(b, clients, bodies)); return load{} },
					}
					rand.Shuffle(2, func(i, k int) { sides[i], sides[k] = sides[k], sides[i] })
					for _, side := range sides {
						side()
					}
					mine, floor := ours[len(ours)-1], floors[len(floors)-1]
					ratios = append(ratios, mine.rate/floor.rate)
					tails = append(tails, float64(mine.p99)/float64(floor.p99))
				}
				b.ReportMetric(median(ratios), "ratio")
				b.ReportMetric(slices.Min(ratios), "ratio-min")
				b.ReportMetric(slices.Max(ratios), "ratio-max")
				b.ReportMetric(median(tails), "p99-ratio")
				b.ReportMetric(median(pick(ours, func(l load) float64 { return l.rate })), "ev/s")
				b.ReportMetric(median(pick(floors, func(l load) float64 { return l.rate })), "floor-ev/s")
				b.ReportMetric(median(pick(ours, func(l load) float64 { return l.cpu })), "cpu-µs/ev")
				b.ReportMetric(median(pick(floors, func(l load) float64 { return l.cpu })), "floor-cpu-µs/ev")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// load is what one round measured.
type load struct {
	rate float64 // events a second, acknowledged
	cpu  float64 // user and system time of the process for an event, µs
	p99  time.Duration
}

// run sends appends from so many clients at once, each waiting for its answer.
func run(b *testing.B, clients int, appendOne func(i int) error) load {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	took := make([][]time.Duration, clients)
	start, cpu := time.Now(), processTime()
	for c := range clients {
		all.Go(func() {
			for time.Since(start) < benchTime {
				begin := time.Now()
				if err := appendOne(int(next.Add(1))); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(begin))
			}
		})
	}
	all.Wait()
	elapsed, used := time.Since(start), processTime()-cpu
	times := slices.Concat(took...)
	slices.Sort(times)
	count := float64(len(times))
	return load{count / elapsed.Seconds(), float64(used.Microseconds()) / count, times[len(times)*99/100]}
}

func loadJournal(b *testing.B, clients int, bodies []benchBody) load {
	b.Helper()
	j, err := Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), Options{Tenant: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	return run(b, clients, func(i int) error {
		_, err := j.Append(b.Context(), bodies[i%len(bodies)].incoming(i))
		return err
	})
}

// floor is the least: a file that grows, one fsync for a batch.
type floor struct {
	file  *os.File
	queue chan floorWrite
}

type floorWrite struct {
	body []byte
	done chan error
}

func loadFloor(b *testing.B, clients int, bodies []benchBody) load {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	f := &floor{file: file, queue: make(chan floorWrite, maxBatch)}
	ctx, stop := context.WithCancel(b.Context())
	var loop sync.WaitGroup
	loop.Go(func() { f.run(ctx) })
	defer loop.Wait()
	defer stop()
	return run(b, clients, func(i int) error {
		in := bodies[i%len(bodies)].incoming(i)
		w := floorWrite{in.Body, make(chan error, 1)}
		f.queue <- w
		return <-w.done
	})
}

func (f *floor) run(ctx context.Context) {
	var buffer []byte
	for {
		var batch []floorWrite
		select {
		case w := <-f.queue:
			batch = append(batch, w)
		case <-ctx.Done():
			return
		}
		runtime.Gosched()
		for more := true; more && len(batch) < maxBatch; {
			select {
			case w := <-f.queue:
				batch = append(batch, w)
			default:
				more = false
			}
		}
		buffer = buffer[:0]
		for _, w := range batch {
			buffer = append(buffer, w.body...)
		}
		_, err := f.file.Write(buffer)
		if err == nil {
			err = f.file.Sync()
		}
		for _, w := range batch {
			w.done <- err
		}
	}
}

// benchBody is a body with the places where ids go.
type benchBody struct {
	text string
	id   string
	name string
}

// incoming is the n-th event: the same body under ids of its own.
func (t benchBody) incoming(n int) journal.Incoming {
	body := []byte(t.text)
	message := fmt.Sprintf("%08x-7b1f-4e26-8d40-b2c3d4e5f601", n)
	copy(body[strings.Index(t.text, messagePlace):], message)
	return journal.Incoming{
		Body: body, Received: time.Now(), Occurred: time.Now(), Type: "Project:Updated", MessageID: message,
		WebhookID:   "7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13",
		Entity:      event.Ref{Kind: event.Project, ID: t.id, Name: t.name},
		Initiator:   "Anna Doe",
		Fingerprint: fingerprint(body),
	}
}

func fingerprint(body []byte) []byte {
	sum := sha256.Sum256(body)
	return sum[:]
}

// messagePlace is where a body's own message id goes.
const messagePlace = "00000000-0000-0000-0000-000000000000"

// benchBodies makes bodies of about 1.4 KB, as different from one another as edits of some hundred projects are.
func benchBodies(n int) []benchBody {
	words := strings.Fields(`portal customer release rollout migration budget risk review vendor contract supplier plant
		north harbour ledger invoice training pilot phase design audit quality service mobile archive network storage
		office warehouse forecast capacity payroll security campaign tender bridge laboratory`)
	random := rand.New(rand.NewPCG(1, 2))
	phrase := func(length int) string {
		chosen := make([]string, length)
		for i := range chosen {
			chosen[i] = words[random.IntN(len(words))]
		}
		return strings.Join(chosen, " ")
	}
	bodies := make([]benchBody, n)
	for i := range bodies {
		id, name := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i%300)), phrase(3)
		attributes := func() string {
			return fmt.Sprintf(`{"Impact":%d,"Risk":%d,"Cost":%d,"ScheduleStatus":%d,"Name":%q,"Portfolio":[{"Id":%q,"Name":%q}],`+
				`"Progress":%d,"StartDate":"2026-%02d-10T12:00:00Z","FinishDate":"2026-%02d-%02dT12:00:00Z","Description":%q,`+
				`"Manager":[{"Id":%q,"FullName":%q,"ImageId":null}],"Stage":%d,"OverallStatus":%d,"Budget":%d,`+
				`"LastModifiedDate":"2026-02-15T13:20:%02d.%07dZ"}`,
				random.IntN(5), random.IntN(5), random.IntN(9000), random.IntN(3), name, uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i%7)),
				words[i%7], random.IntN(100), 1+random.IntN(12), 1+random.IntN(12), 1+random.IntN(28), phrase(8),
				uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i%40)), phrase(2), random.IntN(5), random.IntN(4), random.IntN(500000),
				random.IntN(60), random.IntN(9999999))
		}
		head := `{"WebhookId":"7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13","MessageId":"` + messagePlace + `",`
		head += `"Data":{"Id":` + fmt.Sprintf("%q", id)
		bodies[i] = benchBody{id: id.String(), name: name, text: head + `,"Attributes":` + attributes() + `,"BeforeAttributes":` + attributes() +
			`,"Initiator":{"UserId":"2158fcf3-d93d-4436-bff5-869f1d686d61","FullName":"Anna Doe","LogonAccount":"anna.doe@company.com"},` +
			`"TimeStamp":"2026-02-15T13:20:44.9120457Z"}}`}
	}
	return bodies
}

// needRealDisk skips where an fsync costs nothing: in memory every ratio is about the processor only.
func needRealDisk(b *testing.B) {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "probe"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var times []time.Duration
	for range 9 {
		start := time.Now()
		if _, err := file.Write(make([]byte, 4096)); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	if took := times[len(times)/2]; took < 20*time.Microsecond {
		b.Skipf("fsync of 4 KB takes %v: this is not a disk", took)
	}
}

func processTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func pick(all []load, of func(load) float64) []float64 {
	figures := make([]float64, len(all))
	for i, l := range all {
		figures[i] = of(l)
	}
	return figures
}

func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[len(sorted)/2]
}
