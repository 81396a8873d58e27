from destination_alleo.run import run

if __name__ == "__main__":
    run()
