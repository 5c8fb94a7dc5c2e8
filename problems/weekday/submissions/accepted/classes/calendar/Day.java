package calendar;

import java.time.LocalDate;

public class Day {
    public static String of(String date) {
        String name = LocalDate.parse(date).getDayOfWeek().toString();
        return name.charAt(0) + name.substring(1).toLowerCase();
    }
}
