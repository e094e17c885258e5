package powermetrics

// processor reads the block of the cpu_power sampler: the rails and the CPUs.
// A second block replaces the first, as a second key does anywhere.
func (d *document) processor() {
	d.s.CPU.Known, d.s.ANE.Known, d.processorGPU = false, false, number{}
	d.s.Clusters = d.s.Clusters[:0]
	if !d.enter(elementDict) {
		return
	}
	for {
		key, ok := d.key()
		if !ok {
			return
		}
		switch string(key) {
		case "cpu_energy":
			rail := d.number().rail()
			d.s.CPU.Energy, d.s.CPU.Known = rail.Energy, rail.Known
		case "gpu_energy":
			d.processorGPU = d.number()
		case "ane_energy":
			d.s.ANE = d.number().rail()
		case "clusters":
			d.clusters()
		case "invalid":
			d.invalid = d.isTrue() || d.invalid
		default:
			d.skip()
		}
	}
}

func (d *document) clusters() {
	d.s.Clusters = d.s.Clusters[:0]
	if !d.enter(elementArray) {
		return
	}
	for d.item() {
		d.cluster(d.s.addCluster())
	}
}

func (d *document) cluster(c *Cluster) {
	for {
		key, ok := d.key()
		if !ok {
			return
		}
		switch string(key) {
		case "name":
			c.Name = d.name()
		case "idle_ratio":
			c.Idle = d.number().ratio()
		case "cpus":
			c.CPUs = d.cpus(c.CPUs[:0])
		case "invalid":
			d.cpuInvalid = d.isTrue() || d.cpuInvalid
		default:
			d.skip()
		}
	}
}

func (d *document) cpus(to []CPU) []CPU {
	if !d.enter(elementArray) {
		return to
	}
	for d.item() {
		to = append(to, d.cpu())
	}
	return to
}

func (d *document) cpu() (c CPU) {
	for {
		key, ok := d.key()
		if !ok {
			return c
		}
		switch string(key) {
		case "cpu":
			c.ID = d.number().whole
		case "idle_ratio":
			c.Idle = d.number().ratio()
		case "down_ratio":
			n := d.number()
			c.Down = n.ratio()
		case "invalid":
			d.cpuInvalid = d.isTrue() || d.cpuInvalid
		default:
			d.skip()
		}
	}
}

// gpu reads the block of the gpu_power sampler. Its idle keys come twice on
// macOS 13 to 15, with the same value.
func (d *document) gpu() {
	d.ownGPU, d.gpuIdle = number{}, Ratio{}
	if !d.enter(elementDict) {
		return
	}
	invalid := false
	for {
		key, ok := d.key()
		if !ok {
			break
		}
		switch string(key) {
		case "idle_ratio":
			d.gpuIdle = d.number().ratio()
		case "gpu_energy":
			d.ownGPU = d.number()
		case "invalid":
			invalid = d.isTrue()
		default:
			d.skip()
		}
	}
	if invalid {
		d.ownGPU, d.gpuIdle = number{}, Ratio{}
	}
}
