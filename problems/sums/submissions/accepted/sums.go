package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	var n int
	var a, b int64
	fmt.Fscan(in, &n)
	for ; n > 0; n-- {
		fmt.Fscan(in, &a, &b)
		fmt.Println(a + b)
	}
}
