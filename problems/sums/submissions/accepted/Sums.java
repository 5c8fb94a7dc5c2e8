import java.util.Scanner;

public class Sums {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        StringBuilder out = new StringBuilder();
        for (int n = in.nextInt(); n > 0; n--)
            out.append(in.nextLong() + in.nextLong()).append('\n');
        System.out.print(out);
    }
}
