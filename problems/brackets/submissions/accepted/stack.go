package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	var stack []int
	total := 0
	for at := 0; ; at++ {
		switch c, err := in.ReadByte(); {
		case err != nil || c == '\n':
			fmt.Println(total)
			return
		case c == '(' || c == '[' || c == '{':
			stack = append(stack, at)
		default:
			total += at - stack[len(stack)-1]
			stack = stack[:len(stack)-1]
		}
	}
}
