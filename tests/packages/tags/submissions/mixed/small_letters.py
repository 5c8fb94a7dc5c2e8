# @expected_results@: wrong-answer
print(0)
