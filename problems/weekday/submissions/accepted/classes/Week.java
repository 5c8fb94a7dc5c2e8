import calendar.Day;
import java.util.Scanner;

public class Week {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        for (int n = in.nextInt(); n > 0; n--)
            System.out.println(Day.of(in.next()));
    }
}
