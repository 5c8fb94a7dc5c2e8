import math

points = [tuple(map(float, input().split())) for _ in range(int(input()))]
print(sum(math.dist(points[i - 1], points[i]) for i in range(len(points))))
