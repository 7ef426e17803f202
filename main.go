// Command exfed runs Exchange federation from any shell.
package main

import (
	"os"

	"exfed/cmd"
)

func main() { os.Exit(cmd.Main()) }
