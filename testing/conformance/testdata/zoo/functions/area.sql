select r * r
