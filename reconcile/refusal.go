package reconcile

import (
	"errors"
	"fmt"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// refusals gathers what was refused for the same reason.
type refusals struct {
	errs  []error
	types [][]event.Type // by error
}

func (r *refusals) add(t event.Type, err error) {
	for i := range r.errs {
		if reason(r.errs[i]) == reason(err) {
			r.types[i] = append(r.types[i], t)
			return
		}
	}
	r.errs, r.types = append(r.errs, err), append(r.types, nil)
}

func (r *refusals) err() error {
	all := make([]error, len(r.errs))
	for i, err := range r.errs {
		all[i] = err
		if len(r.types[i]) > 0 {
			all[i] = fmt.Errorf("%w; the same for %s", err, join(r.types[i]))
		}
	}
	return errors.Join(all...)
}

// reason is what an error says apart from what was being done.
func reason(err error) string {
	if failed, ok := errors.AsType[*ppm.CallError](err); ok {
		return fmt.Sprint(failed.Status, failed.Message, failed.Fields)
	}
	return err.Error()
}
