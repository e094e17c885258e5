package powermetrics

// coalitions reads the groups that --show-process-coalition prints, with the
// tasks inside them.
func (d *document) coalitions() {
	d.s.HasTasks = true
	d.s.Coalitions, d.s.Tasks = d.s.Coalitions[:0], d.s.Tasks[:0]
	if !d.enter(elementArray) {
		return
	}
	for d.item() {
		d.coalition()
	}
}

func (d *document) coalition() {
	index := len(d.s.Coalitions)
	d.s.Coalitions = append(d.s.Coalitions, Coalition{})
	c := &d.s.Coalitions[index]
	for {
		key, ok := d.key()
		if !ok {
			return
		}
		switch string(key) {
		case "id":
			c.ID = d.number().whole
		case "name":
			c.Name = d.name()
		case "cputime_ns":
			c.CPU, c.CPUKnown = d.number().nanoseconds()
		case "gputime_ns":
			c.GPU, c.GPUKnown = d.number().nanoseconds()
		case "tasks":
			d.tasks(index)
		default:
			d.skip()
		}
	}
}

// tasks reads an array of tasks that belong to the given coalition, -1 for none.
func (d *document) tasks(coalition int) {
	if !d.enter(elementArray) {
		return
	}
	for d.item() {
		t := d.task()
		t.Coalition = coalition
		d.s.Tasks = append(d.s.Tasks, t)
	}
}

func (d *document) task() (t Task) {
	for {
		key, ok := d.key()
		if !ok {
			return t
		}
		switch string(key) {
		case "pid":
			t.PID = d.number().whole
		case "name":
			t.Name = d.name()
		case "cputime_ns":
			t.CPU, t.CPUKnown = d.number().nanoseconds()
		case "gputime_ns":
			t.GPU, t.GPUKnown = d.number().nanoseconds()
		default:
			d.skip()
		}
	}
}
