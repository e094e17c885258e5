package main

import "io"

// firstError is the first error that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// closing closes c and keeps its error in err unless there is one already. It
// is to be deferred.
func closing(c io.Closer, err *error) { *err = firstError(*err, c.Close()) }
