package main

import "fmt"

const modulus = 1000000007

type matrix [2][2]uint64

func (a matrix) times(b matrix) (c matrix) {
	for i := range c {
		for j := range c[i] {
			c[i][j] = (a[i][0]*b[0][j] + a[i][1]*b[1][j]) % modulus
		}
	}
	return
}

func main() {
	var n uint64
	fmt.Scan(&n)
	power, step := matrix{{1, 0}, {0, 1}}, matrix{{1, 1}, {1, 0}}
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			power = power.times(step)
		}
		step = step.times(step)
	}
	fmt.Println(power[0][0])
}
