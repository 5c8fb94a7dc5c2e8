using System;
using System.Linq;

class Swapcase
{
    static char Swap(char c)
    {
        return char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c);
    }

    static void Main()
    {
        for (string line; (line = Console.ReadLine()) != null;)
            Console.WriteLine(new string(line.Select(Swap).ToArray()));
    }
}
