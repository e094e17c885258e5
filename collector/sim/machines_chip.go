package sim

import "time"

// pathLarge is the largest of the models, for machines with the memory for it.
const pathLarge = "/opt/models/llama-3.3-70b-instruct-q4_k_m.gguf"

// m4Max is the 16-core M4 Max.
func m4Max(model string) Chip {
	return Chip{
		Model: model, OSBuild: "24F74",
		Clusters: []Cluster{
			{Name: "E-Cluster", CPUs: 4, MHz: 2592},
			{Name: "P0-Cluster", CPUs: 6, MHz: 4512, Down: true},
			{Name: "P1-Cluster", CPUs: 6, MHz: 4512, Down: true},
		},
		GPUMHz:  []int{338, 1578},
		IdleCPU: 0.42, IdleGPU: 0.09, IdleJitter: 0.04, IdleCores: 0.07, IdleGPUBusy: 0.004,
		CoreWatts: 3, MaxWatts: 58,
	}
}

// m3Ultra is the 32-core M3 Ultra, which is two chips in one package.
func m3Ultra() Chip {
	c := Chip{
		Model: "Mac15,14", OSBuild: "24F74",
		GPUMHz:  []int{338, 1380},
		IdleCPU: 0.75, IdleGPU: 0.16, IdleJitter: 0.04, IdleCores: 0.12, IdleGPUBusy: 0.004,
		CoreWatts: 2.7, MaxWatts: 104,
	}
	for _, name := range []string{"E0", "P0", "P1", "E1", "P2", "P3"} {
		cl := Cluster{Name: name + "-Cluster", CPUs: 6, MHz: 4056, Down: true}
		if name[0] == 'E' {
			cl.CPUs, cl.MHz, cl.Down = 4, 2748, false
		}
		c.Clusters = append(c.Clusters, cl)
	}
	return c
}

// large is a dense 70B model in four bits on an M3 Ultra: 14 tokens a second
// alone, at 65 W, and 160 prompt tokens a second.
func large() Model {
	return Model{
		Path:          pathLarge,
		PrefillJoules: 0.52, StepJoules: 4.1, TokenJoules: 0.4,
		PrefillRate: 160, StepTime: 66 * time.Millisecond, TokenTime: 3 * time.Millisecond,
		CPUShare: 0.03, GPUBusy: 0.98,
		LoadTime: 14 * time.Second, LoadCPU: 7, LoadGPU: 2, LoadGPUBusy: 0.05,
	}
}
