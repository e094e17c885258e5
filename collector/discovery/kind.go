package discovery

// Kind is a model server as discovery knows it. Its zero fields are what the
// server does not have.
type Kind struct {
	Name   string // also the name of its first instance in metrics and reports
	Format string // of its log, as the config names it
	// Processes are names of executables, or of the script or module that an
	// interpreter runs.
	Processes []string
	Port      int // the default
	// PortOptions name the port or an address that ends in it, LogOptions the
	// log file.
	PortOptions, LogOptions []string
	// Prints are the descriptors that its log goes to, 1 for standard output and
	// 2 for standard error: the one that tells more first. Each can be sent to a
	// file of its own.
	Prints []int
	// Logs are the usual places: absolute, or below the home folder of the
	// server's user. A folder stands for the dated files in it.
	Logs []string
	// Manifests is the folder, below the home folder, that names its models.
	Manifests string
	// Activity is the path at which it answers about finished requests.
	Activity string
	// Silent is true for a log that does not tell tokens: the proxy does.
	Silent bool
	// Advice says how to make it write a log that can be found.
	Advice string
}

// Kinds returns the servers that are known, in the order in which they are
// looked for: the one that starts others first.
func Kinds() []Kind {
	return []Kind{
		{
			Name: "ollama", Format: "ollama", Processes: []string{"ollama"}, Port: 11434, Prints: []int{2, 1},
			Logs: []string{
				".ollama/logs/server.log",
				"/opt/homebrew/var/log/ollama.log", // brew services
				"/usr/local/var/log/ollama.log",
			},
			Manifests: ".ollama/models/manifests",
			Advice:    "start it from the Ollama app, which logs to ~/.ollama/logs/server.log, or with: ollama serve >> FILE 2>&1",
		},
		{
			Name: "lmstudio", Format: "lmstudio", Processes: []string{"LM Studio", "llmster"}, Port: 1234,
			Logs:   []string{".lmstudio/server-logs", ".cache/lm-studio/server-logs"},
			Advice: "start its server on the Developer page, or with: lms server start",
		},
		{
			Name: "llama-swap", Format: "llamaswap", Processes: []string{"llama-swap"}, Port: 8080,
			PortOptions: []string{"--listen", "-listen"}, Activity: "/api/metrics",
			Advice: "let it listen on a port of this machine",
		},
		{
			Name: "llama-server", Format: "llamacpp", Processes: []string{"llama-server"}, Port: 8080,
			PortOptions: []string{"--port"}, LogOptions: []string{"--log-file"}, Prints: []int{2},
			Advice: "start it with --log-file and the absolute path of a file",
		},
		{
			Name: "mlx", Format: "mlx", Port: 8080, Prints: []int{2, 1},
			Processes:   []string{"mlx_lm.server", "mlx_lm", "mlx_vlm.server", "mlx_vlm", "mlx-openai-server"},
			PortOptions: []string{"--port"}, Silent: true,
			Advice: "put the proxy in front of it (sovmeter proxy), or start it with: ... >> FILE 2>&1",
		},
		{
			Name: "omlx", Format: "mlx", Processes: []string{"omlx"}, Port: 8000, Prints: []int{2, 1},
			PortOptions: []string{"--port"}, Logs: []string{".omlx/logs/server.log"},
			Advice: "start it with: omlx serve ... >> FILE 2>&1",
		},
		{
			Name: "vllm-mlx", Format: "mlx", Port: 8000, Prints: []int{2, 1},
			Processes:   []string{"vllm-mlx", "rapid-mlx", "vmlx"},
			PortOptions: []string{"--port"},
			Advice:      "start it with: ... >> FILE 2>&1",
		},
		{
			Name: "vllm", Format: "vllm", Port: 8000, Prints: []int{1, 2},
			Processes:   []string{"vllm", "vllm.entrypoints.openai.api_server"},
			PortOptions: []string{"--port"}, Silent: true,
			Advice: "put the proxy in front of it (sovmeter proxy), or start it with: ... >> FILE 2>&1",
		},
		{
			Name: "litellm", Format: "litellm", Processes: []string{"litellm"}, Port: 4000, Prints: []int{1, 2},
			PortOptions: []string{"--port"},
			Advice:      "let it log its payload (the callback is in the package comment of collector/requestlog/litellm) and start it with: litellm ... >> FILE 2>&1",
		},
	}
}
