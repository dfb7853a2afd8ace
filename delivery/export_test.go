package delivery

import "time"

// ReloadCarelessly is Reload with a mistake in it, for the test that looks for mistakes: it does not wait for what is being
// planned or, where planFirst is true, tells the planner before the lanes.
func (d *Delivery) ReloadCarelessly(routes []Route, targets []Target, planFirst bool) error {
	<-d.resumed
	if planFirst {
		d.planning <- struct{}{}
		defer func() { <-d.planning }()
	}
	next, orders, err := d.design(d.scheme.Load(), routes, targets)
	if err != nil {
		return err
	}
	if planFirst {
		d.scheme.Store(next)
		<-d.planning
		time.Sleep(time.Second)
		d.planning <- struct{}{}
	}
	for l, told := range orders {
		l.orders.Store(&told)
		nudge(l.wake)
	}
	d.scheme.Store(next)
	return nil
}
