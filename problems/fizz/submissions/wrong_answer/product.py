# Divisible by both is not divisible by the product.
a, b, n = map(int, input().split())
for i in range(1, n + 1):
    print("FizzBuzz" if i % (a * b) == 0 else "Fizz" if i % a == 0 else "Buzz" if i % b == 0 else i)
