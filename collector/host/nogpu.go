package host

import "context"

// noGPU is the part of a System that cannot read GPU times and finds listeners
// in the socket tables.
type noGPU struct{}

func (noGPU) GPUClients(context.Context) ([]GPUClient, error) { return nil, ErrNoGPU }

func (noGPU) Listeners(ctx context.Context, ports []int) (map[int][]int, error) {
	return socketListeners(ctx, ports)
}
