def main(options, scratch):
    return 0
