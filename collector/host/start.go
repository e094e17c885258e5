package host

import "time"

// starts returns the start of the main process of every running server.
func (f *families) starts() map[string]time.Time {
	mains := make([]*kin, len(f.servers))
	for _, k := range f.list {
		if k.owner >= 0 && k.head && moreMain(k, mains[k.owner]) {
			mains[k.owner] = k
		}
	}
	found := map[string]time.Time{}
	for i, k := range mains {
		if k != nil {
			found[f.servers[i].Name] = k.Start.UTC()
		}
	}
	return found
}

// moreMain says whether k is rather a server's main process than best. A
// listener beats a mere namesake, such as an `ollama run` beside the server.
// Of several listeners the oldest is the one that forked the others; of several
// namesakes the newest is the run that replaced the others.
func moreMain(k, best *kin) bool {
	switch {
	case best == nil:
		return true
	case k.listens != best.listens:
		return k.listens
	case k.Start.Equal(best.Start):
		return k.PID < best.PID
	case k.listens:
		return k.Start.Before(best.Start)
	default:
		return k.Start.After(best.Start)
	}
}
