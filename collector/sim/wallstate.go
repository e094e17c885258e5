package sim

// Wall returns what the whole machine draws at the time that AdvanceTo has
// reached, and has drawn until then.
func (m *Mac) Wall() WallState {
	w := m.whole
	demand := w.asleep()
	if m.wake == never {
		f := m.flow()
		demand = w.awake(&f)
	}
	at := max(m.reached, m.now)
	w.add(demand, m.now, at-m.now)
	w.battery.look(at)
	state := w.state(demand)
	state.At, state.Asleep = m.time(at), m.wake != never
	return state
}

// state is the totals, and the powers of a demand that begins now.
func (w *whole) state(m demand) WallState {
	idle, work := w.courses(m)
	charging, _ := w.battery.charging()
	s := w.total
	s.Plugged, s.Battery = w.battery.plugged, w.battery.charge()
	s.System = idle.plus(work).now()
	if !s.Plugged {
		s.Charging = -s.System
		return s
	}
	s.Charging = charging.now()
	s.Plug = w.cfg.Supply.at(s.System + s.Charging)
	return s
}
