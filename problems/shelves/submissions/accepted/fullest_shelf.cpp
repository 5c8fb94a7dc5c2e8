// For each shelf the choice of books that fills it best, beginning with the thickest one left.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

int main()
{
	int width, n;
	std::cin >> width >> n;
	std::vector<int> books(n), order(n), place(n);
	for (int &book : books)
		std::cin >> book;
	std::iota(order.begin(), order.end(), 0);
	std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return books[a] > books[b]; });
	for (int shelf = 1; !order.empty(); shelf++) {
		int left = width - books[order[0]];
		std::vector<int> last(left + 1, -1); // the book that a filling ends with
		place[order[0]] = shelf;
		last[0] = n;
		for (std::size_t i = 1; i < order.size(); i++)
			for (int filled = left; filled >= books[order[i]]; filled--)
				if (last[filled] < 0 && last[filled - books[order[i]]] >= 0 &&
				    last[filled - books[order[i]]] != order[i])
					last[filled] = order[i];
		int best = left;
		while (last[best] < 0)
			best--;
		for (; best > 0; best -= books[last[best]])
			place[last[best]] = shelf;
		order.erase(std::remove_if(order.begin(), order.end(), [&](int book) { return place[book] > 0; }), order.end());
	}
	for (int shelf : place)
		std::cout << shelf << "\n";
}
