package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	var n int
	fmt.Fscan(in, &n)
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		fmt.Fscan(in, &x[i], &y[i])
	}
	length := 0.0
	for i := range x {
		next := (i + 1) % n
		length += math.Hypot(x[i]-x[next], y[i]-y[next])
	}
	fmt.Printf("%.8e\n", length)
}
