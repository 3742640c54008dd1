// Command bench measures one Spegel node from outside: how soon it is ready, what memory it holds, how fast it serves
// blobs and manifests. Clients and the servers to compare with run in processes of their own, as sub-commands of this.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// subcommands maps a name to what it does with its arguments; all but "run" and "table" are started by "run".
var subcommands = map[string]func(args []string) error{
	"run":              runBenchmarks,
	"table":            func([]string) error { return writeTable() },
	"fetch":            fetchCommand,
	"manifests":        manifestsCommand,
	"readers":          readersCommand,
	"serve-files":      serveFilesCommand,
	"serve-memory":     serveMemoryCommand,
	"serve-constantly": serveConstantlyCommand,
	"proxy":            proxyCommand,
}

func main() {
	if len(os.Args) < 2 || subcommands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench run [ready|launcher|memory|blob|manifest|mirror|miss|join|pulls|image|stream|lookup|announce|peers|kad-simulation]... | bench table")
		os.Exit(2)
	}
	if err := subcommands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// printJSON is how a client sub-command hands its result to the process that started it.
func printJSON(v any) error {
	return json.NewEncoder(os.Stdout).Encode(v)
}
