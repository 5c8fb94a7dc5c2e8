import java.util.Scanner;

/** The other way round: the odd ones from above first. */
class Seating {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        StringBuilder order = new StringBuilder(n == 2 || n == 3 ? "Impossible" : "");
        if (order.length() == 0) {
            for (int guest = n - 1 + n % 2; guest > 0; guest -= 2)
                order.append(guest).append(' ');
            for (int guest = n - n % 2; guest > 0; guest -= 2)
                order.append(guest).append(' ');
        }
        System.out.println(order);
    }
}
