package llamaswap

// Wait waits for the look that is under way.
func (a *Activity) Wait() {
	if a.asking {
		a.results <- <-a.results
	}
}
