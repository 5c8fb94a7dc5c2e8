using System;

class Sums
{
    static void Main()
    {
        for (int n = int.Parse(Console.ReadLine()); n > 0; n--)
        {
            string[] pair = Console.ReadLine().Split(' ');
            Console.WriteLine(long.Parse(pair[0]) + long.Parse(pair[1]));
        }
    }
}
