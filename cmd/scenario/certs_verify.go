package main

import "github.com/spf13/cobra"

func certsVerifyCommand(s streams) *cobra.Command { return &cobra.Command{Use: "verify"} }
