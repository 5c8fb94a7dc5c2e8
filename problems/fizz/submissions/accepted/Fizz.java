// @EXPECTED_RESULTS@: CORRECT
import java.util.Scanner;

class Fizz {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int a = in.nextInt(), b = in.nextInt(), n = in.nextInt();
        StringBuilder out = new StringBuilder();
        for (int i = 1; i <= n; i++) {
            String said = (i % a == 0 ? "Fizz" : "") + (i % b == 0 ? "Buzz" : "");
            out.append(said.isEmpty() ? String.valueOf(i) : said).append('\n');
        }
        System.out.print(out);
    }
}
