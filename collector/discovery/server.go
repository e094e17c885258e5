package discovery

// Server is a model server that runs.
type Server struct {
	Kind Kind
	Name string // unique among those found
	PID  int
	Port int // it listens here; 0 when that is not known
	// Format is that of Log: the kind's, or jsonl when a proxy writes it.
	Format string
	// Log is the path of its log, a folder of dated logs, or the address that
	// it answers about its requests; empty when none was found.
	Log string
	// From says how the log was found, for people; empty when none was.
	From string
	// Home is the home folder of its user; empty when not known.
	Home string
	// Problem says why it cannot be metered as it should, and Advice what its
	// user can do; both empty when all is well.
	Problem, Advice string
}
