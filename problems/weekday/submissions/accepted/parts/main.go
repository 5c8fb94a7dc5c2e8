package main

import "fmt"

func main() {
	var n int
	var date string
	for fmt.Scan(&n); n > 0; n-- {
		fmt.Scan(&date)
		fmt.Println(dayOfWeek(date))
	}
}
