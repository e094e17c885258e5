package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// bcrypt's form is all that is checked of a password.
const passwords = "basic_auth_users:\n  u: $2y$10$xxxxxxxxxxxxxxxxxxxxxuYl1VvC9uY9hGZ1gN5dX0r0Q5w9mKQe6\n"

// TestFiles loads configs whose paths lead to a folder with the file "file",
// the folder "folder", the socket "sock", the link "link" to the socket and
// web configurations. D stands for that folder.
func TestFiles(t *testing.T) {
	dir, err := os.MkdirTemp("", "cfg") // shorter than t.TempDir's: it has a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range map[string]string{
		"file": "x", "web": passwords, "nothing": "http_server_config: {http2: false}\n", "unknown": "unknown_key: 1\nanother: 2\n",
		"versions": "tls_server_config: {min_version: TLS12}\n", "nocert": "tls_server_config: {cert_file: none.pem, key_file: none.key}\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Symlink("sock", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	const server = "servers: [{name: a, log: D/file, port: 1}]\n"
	const format = "want a file with TLS or passwords in the format of Prometheus' exporter-toolkit"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{name: "all there", text: server + "store: {path: D/file}\nsocket: D/sock\nweb_config: D/web\nlisten: 0.0.0.0:1\n"},
		{name: "none there", text: "servers: [{name: a, log: D/none/log, port: 1}]\nstore: {path: D/none/db}\nsocket: D/none/sock\n"},
		{name: "all at once", text: "servers:\n- just a name\n- {name: a, log: D/folder, format: jsonl, port: 1}\nstore: {path: D/folder}\nsocket: D/folder\nweb_config: D/none\n", want: []string{
			`2:3: servers[0]: got "just a name", want a mapping with name, log, format, model, processes, port, no_cache, manifests, token_file`,
			`3:18: servers[1].log: got "D/folder", which is a folder, want the log file itself`,
			`4:15: store.path: got "D/folder", which is a folder, want the path of a file`,
			`5:9: socket: got "D/folder", which is store.path too, want a path of its own`,
			`5:9: socket: got "D/folder", which is a folder, want a path where nothing is but the daemon's socket`,
			`6:13: web_config: got "D/none": no such file or directory, ` + format,
		}},
		{name: "a folder of dated logs", text: "servers: [{name: a, log: D/folder, format: dated, port: 1}]\n"},
		{name: "a device", text: "servers: [{name: a, log: /dev/null, format: jsonl, port: 1}]\n", want: []string{
			`1:26: servers[0].log: got "/dev/null", which is a device, want the log file itself`,
		}},
		{name: "through a file", text: server + "store: {path: D/file/db}\n", want: []string{
			`2:15: store.path: got "D/file/db", which leads through a file as if it were a folder, want the path of a file`,
		}},
		{name: "socket is a file", text: server + "socket: D/file\n", want: []string{
			`2:9: socket: got "D/file", which is a file, want a path where nothing is but the daemon's socket`,
		}},
		{name: "socket is a link", text: server + "socket: D/link\n", want: []string{
			`2:9: socket: got "D/link", which is a link, want a path where nothing is but the daemon's socket`,
		}},
		{name: "web_config is a folder", text: server + "web_config: D/folder\n", want: []string{
			`2:13: web_config: got "D/folder": is a directory, ` + format,
		}},
		{name: "web_config protects nothing", text: server + "listen: 0.0.0.0:1\nweb_config: D/nothing\n", want: []string{
			`3:13: web_config: got "D/nothing": it asks for neither TLS nor a password, ` + format,
		}},
		{name: "TLS without a certificate", text: server + "listen: 0.0.0.0:1\nweb_config: D/versions\n", want: []string{
			`3:13: web_config: got "D/versions": it asks for neither TLS nor a password, ` + format,
		}},
		{name: "certificate missing", text: server + "web_config: D/nocert\n", want: []string{
			`2:13: web_config: got "D/nocert": open D/none.pem: no such file or directory, ` + format,
		}},
		{name: "unknown keys on one line", text: server + "web_config: D/unknown\n", want: []string{
			`2:13: web_config: got "D/unknown": yaml: unmarshal errors: line 1: field unknown_key not found in type web.Config line 2: field another not found in type web.Config, ` + format,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "c.yaml")
			write(t, file, strings.ReplaceAll(tt.text, "D/", dir+"/"))
			_, err := config.Load(file, formats)
			var got []string
			if err != nil {
				text := strings.ReplaceAll(err.Error(), file+":", "")
				got = strings.Split(strings.ReplaceAll(text, dir+"/", "D/"), "\n")
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
		})
	}
}

// The report and the check may run as a user who may not see what the daemon
// can: that is no problem of the config.
func TestFilesOfRoot(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	locked := filepath.Join(dir, "locked")
	write(t, filepath.Join(dir, "web"), passwords)
	write(t, filepath.Join(dir, "tls"), "tls_server_config: {cert_file: web, key_file: locked}\n")
	write(t, locked, passwords)
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	for _, web := range []string{locked, filepath.Join(dir, "tls")} {
		file := filepath.Join(dir, "c.yaml")
		write(t, file, fmt.Sprintf("servers: [{name: a, log: /none/log, port: 1}]\nlisten: 0.0.0.0:1\nweb_config: %s\n", web))
		if _, err := config.Load(file, formats); err != nil {
			t.Error(err)
		}
	}
	_, err := config.Load(locked, formats)
	var unreadable *config.UnreadableError
	if !errors.As(err, &unreadable) || !errors.Is(err, fs.ErrPermission) || !strings.Contains(unreadable.Hint(), "sudo") {
		t.Errorf("got %v, want an UnreadableError with a hint", err)
	}
}

func TestConfigIsAFolder(t *testing.T) {
	dir := t.TempDir()
	_, err := config.Load(dir, formats)
	var unreadable *config.UnreadableError
	if !errors.As(err, &unreadable) {
		t.Fatalf("got %v, want an UnreadableError", err)
	}
	if want := "config " + dir + ": is a directory"; err.Error() != want || unreadable.Hint() == "" {
		t.Errorf("got %q with hint %q, want %q with one", err, unreadable.Hint(), want)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
