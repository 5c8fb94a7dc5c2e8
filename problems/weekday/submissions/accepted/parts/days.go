package main

import "time"

func dayOfWeek(date string) string {
	day, err := time.Parse("2006-01-02", date)
	if err != nil {
		panic(err)
	}
	return day.Weekday().String()
}
