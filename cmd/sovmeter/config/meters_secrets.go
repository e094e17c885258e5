package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// maxSecret is the longest secret that is taken, in bytes.
const maxSecret = 4096

// secretPlace is where a secret of a meter is: in an environment variable or in
// a file. The config itself never holds one.
type secretPlace struct {
	key       string // where the config says so, such as meters[0].token_file
	name      string // the last part of it
	env, path string // one of them
	header    string // whose value it is; empty: it is the meter's own
	meter     int    // of Config.Meters

	line, column int // of key
}

// envShape is what POSIX lets a name be.
var envShape = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

func (r *reader) secretEnv(e *meterEntry) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		s := secretPlace{key: key, name: lastPart(key), env: r.envName(n, key)}
		e.secrets = append(e.secrets, s)
	}
}

func (r *reader) secretFile(e *meterEntry) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		s := secretPlace{key: key, name: lastPart(key), path: r.secretPath(n, key)}
		e.secrets = append(e.secrets, s)
	}
}

// secretPath reads the path of a file. As with envName, what is none is not shown.
func (r *reader) secretPath(n ast.Node, key string) string {
	v, ok := n.(*ast.StringNode)
	if !ok || !filepath.IsAbs(v.Value) {
		r.problem(n, key, "got something else, want the absolute path of a file with mode 0600 that holds the secret")
		return ""
	}
	return v.Value
}

// envName reads the name of a variable. What is none is not shown: it is likely
// to be the secret itself.
func (r *reader) envName(n ast.Node, key string) string {
	const want = "the name of an environment variable, such as SOVMETER_PLUG"
	v, ok := n.(*ast.StringNode)
	if !ok || !envShape.MatchString(v.Value) {
		r.problem(n, key, "got something else, want %s", want)
		return ""
	}
	return v.Value
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// sayWhereSecretsGo replaces the complaint about a secret that stands in the
// config itself, which is an unknown key, by what to do instead.
func (r *reader) sayWhereSecretsGo(before int, key string) {
	for i := before; i < len(r.problems); i++ {
		p := &r.problems[i]
		for _, name := range []string{"password", "token"} {
			if p.Key == key+"."+name {
				p.Text = "stands in the config, which others can read, want " + name + "_file, the absolute path of a file with mode 0600, or " +
					name + "_env, the name of an environment variable"
			}
		}
	}
}

// checkSecretPlaces demands one secret at most, of the sort that the kind takes.
func (r *reader) checkSecretPlaces(e *meterEntry) {
	var own []secretPlace
	for _, s := range e.secrets {
		if s.header == "" {
			own = append(own, s)
		}
	}
	if len(own) > 1 {
		r.problemAt(own[1].key, "stands beside %s, want one of the two", own[0].name)
	}
	for _, s := range own {
		isToken := strings.HasPrefix(s.name, "token")
		switch e.Kind {
		case systemmeter.KindHomeAssistant:
			if !isToken {
				r.problemAt(s.key, "is a password, want token_file or token_env: a long-lived access token, from your profile in Home Assistant")
			}
		case systemmeter.KindPrometheus, systemmeter.KindHTTP:
			if isToken == r.given(e.key+".user") {
				r.problemAt(s.key, "does not fit: a password goes with user, and a token without")
			}
		case systemmeter.KindShelly, systemmeter.KindTasmota, systemmeter.KindMQTT:
			if isToken {
				r.problemAt(s.key, "is a token, want password_file or password_env for a meter of kind %s", e.Kind)
			}
		}
	}
}

// checkSecretFiles looks at the files with secrets, and does not read them. One
// that this user may not see is no problem: the daemon runs as root.
func (c *Config) checkSecretFiles(r *reader) {
	for _, s := range c.secrets {
		if s.path == "" {
			continue
		}
		info, err := os.Stat(s.path)
		if err == nil {
			err = checkSecretFile(info, s.path)
		}
		if err != nil && !hidden(err) {
			r.problemAt(s.key, "%v", said(err, s.path))
		}
	}
}

// hidden says that a file may be there, for root to see.
func hidden(err error) bool { return errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 }

// ReadSecrets puts the secrets of the meters into their configs. It is apart
// from Load because only what asks the meters needs them: they are in the
// daemon's environment, or readable by root alone. The error is an InvalidError.
func (c *Config) ReadSecrets() error {
	return c.secretsOf(func(s secretPlace, value systemmeter.Secret) {
		if m := &c.Meters[s.meter]; s.header == "" {
			m.Secret = value
		} else {
			m.Header[s.header] = value
		}
	}, func(error) bool { return false })
}

// CheckSecrets is ReadSecrets for who needs none of them. A file that only root
// may read is no problem here.
func (c *Config) CheckSecrets() error {
	return c.secretsOf(func(secretPlace, systemmeter.Secret) {}, hidden)
}

// secretsOf reads each secret, and collects the errors that are not excused.
func (c *Config) secretsOf(use func(secretPlace, systemmeter.Secret), excused func(error) bool) error {
	var problems []Problem
	for _, s := range c.secrets {
		switch value, err := s.read(); {
		case err == nil:
			use(s, value)
		case !excused(err):
			problems = append(problems, Problem{Line: s.line, Column: s.column, Key: s.key, Text: err.Error()})
		}
	}
	if len(problems) > 0 {
		return &InvalidError{Path: c.Path, Problems: problems}
	}
	return nil
}

// ReadSecret reads a secret from the environment variable env or, where that is
// empty, from the file at path.
func ReadSecret(env, path string) (systemmeter.Secret, error) {
	secret, err := secretPlace{env: env, path: path}.read()
	if errors.Is(err, fs.ErrNotExist) { // nor is that shown
		err = errors.New("names no file that is there, want the path of one of mode 0600 that holds the secret alone")
	}
	return secret, err
}

func (s secretPlace) read() (systemmeter.Secret, error) {
	text, from := "", s.path
	if s.env != "" {
		var set bool
		if text, set = os.LookupEnv(s.env); !set {
			// Its name is not shown: it may be the secret itself.
			return systemmeter.Secret{}, errors.New("names an environment variable that is not set here, want it set, or the secret in a file: launchd gives the daemon no variables")
		}
		from = s.env
	} else {
		var err error
		if text, err = readSecretFile(s.path); err != nil {
			return systemmeter.Secret{}, said(err, s.path)
		}
	}
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxSecret || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return systemmeter.Secret{}, fmt.Errorf("leads to %s, which holds no secret, want one line of it", from)
	}
	return systemmeter.NewSecret(text), nil
}

func readSecretFile(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if err := checkSecretFile(info, path); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	return string(text), err
}
