package host

// nobody marks a process that belongs to no server, shared one whose name
// belongs to several and that only a port can decide.
const (
	nobody = -1
	shared = -2
)

// kin is what is remembered of one live process. It is dropped when the
// process is no longer listed, so the table never outgrows the process list.
type kin struct {
	Process
	named    int  // the server whose name it bears, nobody or shared
	owner    int  // the server it belongs to, or nobody
	head     bool // belongs by its own name or port, not by descent
	listens  bool // belongs by its port
	unsure   bool // its executable could not be read when it was last asked for
	reads    int  // how many polls have listed it
	seen     uint64
	settled  uint64
	previous reading
}

// families knows to which server each live process belongs.
type families struct {
	servers []Server // sorted by name
	live    map[identity]*kin
	list    []*kin // the live ones in the order of the process list
	byPID   map[int]*kin
	round   uint64
	// listening says for each server whether a live process is known to listen
	// on its port. No further process is its own by name alone then.
	listening []bool
}

// update takes in a new process list. Executables are resolved only for
// processes that are new or that execute another program now.
func (f *families) update(procs []Process, resolve func(pid int) (Executable, error)) {
	f.round++
	f.byPID = make(map[int]*kin, len(procs))
	f.list = f.list[:0]
	f.listening = make([]bool, len(f.servers))
	for _, p := range procs {
		k := f.live[p.identity()]
		if k == nil {
			k = &kin{named: nobody, owner: nobody}
			f.live[p.identity()] = k
		}
		if k.Comm != p.Comm || k.reads == 0 || k.unsure && k.reads < resolveTries {
			k.named, k.unsure = f.named(p, resolve)
		}
		k.Process, k.seen = p, f.round
		k.reads++
		f.list = append(f.list, k)
		if k.listens {
			f.listening[k.owner] = true
		}
		f.byPID[p.PID] = k
	}
	for id, k := range f.live {
		if k.seen != f.round {
			delete(f.live, id)
		}
	}
	for _, k := range f.list {
		f.settle(k)
	}
}

// resolveTries is in how many polls the executable of a process is asked for
// while it cannot be read. A process that is just being started refuses once;
// another user's refuses for ever.
const resolveTries = 3

// named finds the server whose name a process bears, by what can be read of its
// executable, and says whether that was not all. The first process of the
// system is never a server: it parents every orphan.
func (f *families) named(p Process, resolve func(pid int) (Executable, error)) (server int, unsure bool) {
	if p.PID <= 1 {
		return nobody, false
	}
	exe, err := resolve(p.PID)
	unsure = err != nil
	server = nobody
	for i, s := range f.servers {
		if !s.matches(p.Comm, exe) {
			continue
		}
		if server != nobody {
			return shared, unsure
		}
		server = i
	}
	return server, unsure
}

// settle finds the owner of a process that has none yet, its parent's first.
func (f *families) settle(k *kin) {
	if k.settled == f.round || k.owner != nobody {
		return
	}
	k.settled = f.round // before the parent, so that a cycle ends
	if parent := f.parent(k); parent != nil {
		f.settle(parent)
		if parent.owner != nobody {
			k.owner = parent.owner
			return
		}
	}
	if k.named >= 0 && !f.listening[k.named] {
		k.owner, k.head = k.named, true
	}
}

// parent returns the live parent, or nil. A parent that is younger than its
// child is a stranger with a reused pid.
func (f *families) parent(k *kin) *kin {
	p := f.byPID[k.Parent]
	if p == nil || p == k || p.Start.After(k.Start) {
		return nil
	}
	return p
}
