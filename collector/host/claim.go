package host

// claim gives the listeners of a server's port, and their descendants, to it.
func (f *families) claim(server int, pids []int) {
	for _, pid := range pids {
		k := f.byPID[pid]
		if k == nil || pid <= 1 {
			continue
		}
		k.owner, k.head, k.listens = server, true, true
		f.listening[server] = true
	}
	if !f.listening[server] {
		return
	}
	for _, k := range f.list {
		if a := f.ancestor(k, func(a *kin) bool { return a.listens }); a != nil && !k.listens {
			k.owner, k.head = a.owner, false
		}
	}
	f.dropNamesakes(server)
}

// dropNamesakes takes out of a family what is in it by name alone, now that the
// listener is known: a second server on another port, or a command-line client
// of the same name. A namesake that is an ancestor of the listener stays, such
// as an application whose helper listens.
func (f *families) dropNamesakes(server int) {
	stay := map[*kin]bool{}
	for _, k := range f.list {
		if k.listens && k.owner == server {
			f.ancestor(k, func(a *kin) bool { stay[a] = true; return false })
		}
	}
	dropped := map[*kin]bool{}
	for _, k := range f.list {
		if k.owner == server && k.head && !k.listens && !stay[k] {
			dropped[k] = true
		}
	}
	for _, k := range f.list {
		head := f.ancestor(k, func(a *kin) bool { return a.head })
		if !k.head && dropped[head] {
			k.owner = nobody
		}
	}
	for k := range dropped {
		k.owner, k.head = nobody, false
	}
}

// ancestor returns the nearest ancestor of k that is wanted, or nil.
func (f *families) ancestor(k *kin, wanted func(*kin) bool) *kin {
	p := f.parent(k)
	for steps := 0; p != nil && steps < len(f.list); steps++ {
		if wanted(p) {
			return p
		}
		p = f.parent(p)
	}
	return nil
}
