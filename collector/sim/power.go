package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// load is what one consumer does to the chip: watts on each rail and busy
// units. The zero load draws nothing.
type load struct {
	cpu, gpu, ane energy.Watts
	cores         float64 // busy CPU cores
	gpuBusy       float64 // ratio of the time
}

// watts is the load on all rails together.
func (l load) watts() energy.Watts { return l.cpu + l.gpu + l.ane }

// plus adds two loads that run side by side.
func (l load) plus(o load) load {
	return load{
		cpu: l.cpu + o.cpu, gpu: l.gpu + o.gpu, ane: l.ane + o.ane,
		cores: l.cores + o.cores, gpuBusy: l.gpuBusy + o.gpuBusy,
	}
}

// work is a server's load with the purposes of its watts.
type work struct {
	load
	prefill, decode, loading energy.Watts // their sum is load.watts()
}

// flow is all that the chip does during one interval of constant power.
type flow struct {
	idle, others load
	servers      []work
	server       work // all servers together
}

// watts is what is drawn for all purposes.
func (f *flow) watts() energy.Watts { return f.idle.watts() + f.others.watts() + f.server.watts() }

// plus adds the work of two servers.
func (w work) plus(o work) work {
	return work{
		load:    w.load.plus(o.load),
		prefill: w.prefill + o.prefill, decode: w.decode + o.decode, loading: w.loading + o.loading,
	}
}

// fit cuts the demands down to what the chip has: other processes get the
// cores, and the servers the GPU time, that are left over.
func (f *flow) fit(cpus int) {
	for _, w := range f.servers {
		f.server = f.server.plus(w)
	}
	spare := max(float64(cpus)-f.idle.cores-f.server.cores, 0)
	if f.others.cores > spare {
		f.others.cpu *= energy.Watts(spare / f.others.cores)
		f.others.cores = spare
	}
	asked, left := f.server.gpuBusy, max(1-f.idle.gpuBusy-f.others.gpuBusy, 0)
	if asked <= left {
		return
	}
	f.server.gpuBusy = left
	for i := range f.servers {
		f.servers[i].gpuBusy *= left / asked
	}
}

// Rails is energy by power rail.
type Rails struct {
	CPU energy.Joules `json:"cpu_joules"`
	GPU energy.Joules `json:"gpu_joules"`
	ANE energy.Joules `json:"ane_joules"`
}

// Sum is the energy of all rails.
func (r Rails) Sum() energy.Joules { return r.CPU + r.GPU + r.ANE }

// add adds what a load draws for d.
func (r *Rails) add(l load, d time.Duration) {
	r.CPU += l.cpu.For(d)
	r.GPU += l.gpu.For(d)
	r.ANE += l.ane.For(d)
}

// Parts is energy by where it truly went.
type Parts struct {
	Baseline       energy.Joules `json:"baseline_joules"` // drawn by the idle machine, all the time
	Prefill        energy.Joules `json:"prefill_joules"`
	Decode         energy.Joules `json:"decode_joules"`
	ModelLoad      energy.Joules `json:"model_load_joules"`
	OtherProcesses energy.Joules `json:"other_processes_joules"`
}

// Inference is the energy of all requests.
func (p Parts) Inference() energy.Joules { return p.Prefill + p.Decode }

// Sum is all of the energy.
func (p Parts) Sum() energy.Joules {
	return p.Baseline + p.Inference() + p.ModelLoad + p.OtherProcesses
}

// add adds what the chip draws for d.
func (p *Parts) add(f *flow, d time.Duration) {
	p.Baseline += f.idle.watts().For(d)
	p.Prefill += f.server.prefill.For(d)
	p.Decode += f.server.decode.For(d)
	p.ModelLoad += f.server.loading.For(d)
	p.OtherProcesses += f.others.watts().For(d)
}

// plus adds two accounts.
func (p Parts) plus(o Parts) Parts {
	return Parts{
		Baseline: p.Baseline + o.Baseline, Prefill: p.Prefill + o.Prefill, Decode: p.Decode + o.Decode,
		ModelLoad: p.ModelLoad + o.ModelLoad, OtherProcesses: p.OtherProcesses + o.OtherProcesses,
	}
}

// minus is what r has and o has not.
func (r Rails) minus(o Rails) Rails {
	return Rails{CPU: r.CPU - o.CPU, GPU: r.GPU - o.GPU, ANE: r.ANE - o.ANE}
}

// plus adds two accounts.
func (r Rails) plus(o Rails) Rails {
	return Rails{CPU: r.CPU + o.CPU, GPU: r.GPU + o.GPU, ANE: r.ANE + o.ANE}
}
