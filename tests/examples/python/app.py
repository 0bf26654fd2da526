import greet

print(greet.TEXT)
