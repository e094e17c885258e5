// Package lmstudio reads the server log of LM Studio.
package lmstudio
