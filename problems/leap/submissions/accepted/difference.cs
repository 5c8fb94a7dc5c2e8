using System;
using System.Linq;

class Leap
{
    static int UpTo(int year)
    {
        return year / 4 - year / 100 + year / 400;
    }

    static void Main()
    {
        int[] years = Console.ReadLine().Split(' ').Select(int.Parse).ToArray();
        Console.WriteLine(UpTo(years[1]) - UpTo(years[0] - 1));
    }
}
