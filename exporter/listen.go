package exporter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/exporter-toolkit/web"
)

// DefaultAddress is where the server listens unless told otherwise. Its port
// lies above 9100 to 9999, where nearly every port has an exporter already.
const DefaultAddress = "127.0.0.1:19191"

// CheckAddress refuses what would expose the metrics by mistake: an address
// beyond the loopback interface (ErrExposed), unless the web configuration
// file asks for TLS or a password. It also refuses what is no host:port
// (ErrAddress). An empty webConfig is none; it is read only if it matters.
func CheckAddress(address, webConfig string) error {
	return checkAddress(ServerConfig{Address: address, WebConfigFile: webConfig})
}

func checkAddress(c ServerConfig) error {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return &HintError{
			Err:    fmt.Errorf("listen on %q: %w", c.Address, ErrAddress),
			Advice: "write it as host:port, such as " + DefaultAddress,
		}
	}
	if isLoopback(host) || c.AllowRemote || protects(c.WebConfigFile) {
		return nil
	}
	return &HintError{
		Err:    fmt.Errorf("listen on %s: %w", c.Address, ErrExposed),
		Advice: "listen on 127.0.0.1, or protect it with a web configuration file that asks for TLS or a password",
	}
}

// CheckWebConfig says why a server would refuse a web configuration file, and
// also that it protects nothing, which a server on the loopback interface
// would let pass. A file that cannot be read, or names one that cannot, is a
// *fs.PathError.
func CheckWebConfig(file string) error {
	c, err := readWebConfig(file)
	if err != nil {
		return err
	}
	for _, named := range c.files(file) {
		// Validate reads them as well, but hides why it could not.
		f, err := os.Open(named)
		if err != nil {
			return err
		}
		f.Close()
	}
	if err := web.Validate(file); err != nil {
		return err
	}
	if !c.protects() {
		return errors.New("it asks for neither TLS nor a password")
	}
	return nil
}

// webConfig is what matters here of a web configuration.
type webConfig struct {
	TLS struct {
		Cert     string `yaml:"cert"`
		CertFile string `yaml:"cert_file"`
		KeyFile  string `yaml:"key_file"`
		CAFile   string `yaml:"client_ca_file"`
	} `yaml:"tls_server_config"`
	Users map[string]any `yaml:"basic_auth_users"`
}

// readWebConfig leaves it to web.Validate to say what is wrong in the file.
func readWebConfig(file string) (c webConfig, err error) {
	text, err := os.ReadFile(file)
	if err != nil || yaml.Unmarshal(text, &c) != nil {
		return webConfig{}, err
	}
	return c, nil
}

// protects tells whether there is TLS or a password. TLS without a certificate
// is none: the server then speaks plain HTTP, whatever versions it asks for.
func (c webConfig) protects() bool {
	return c.TLS.Cert != "" || c.TLS.CertFile != "" || len(c.Users) > 0
}

// files are the paths in the configuration, which are relative to its own.
func (c webConfig) files(own string) []string {
	var files []string
	for _, name := range []string{c.TLS.CertFile, c.TLS.KeyFile, c.TLS.CAFile} {
		if name != "" && !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(own), name)
		}
		if name != "" {
			files = append(files, name)
		}
	}
	return files
}

func protects(file string) bool {
	c, err := readWebConfig(file)
	return err == nil && c.protects()
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// listen opens a TCP listener; what stands in its way comes with the fix.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	_, port, _ := net.SplitHostPort(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, listenError(address, syscall.EADDRINUSE,
			fmt.Sprintf("another program, or another sovmeter, has the port: see lsof -nP -iTCP:%s -sTCP:LISTEN, or choose another port", port))
	case errors.Is(err, syscall.EACCES):
		return nil, listenError(address, syscall.EACCES, "choose a port above 1023")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, listenError(address, syscall.EADDRNOTAVAIL, "this machine does not have that address; choose 127.0.0.1 or one that ifconfig shows")
	}
	return nil, listenError(address, err, "check that the address is host:port with a port of 0 to 65535")
}

func listenError(address string, err error, advice string) error {
	return &HintError{Err: fmt.Errorf("listen on %s: %w", address, err), Advice: advice}
}
