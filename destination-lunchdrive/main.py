from destination_lunchdrive.run import run

if __name__ == "__main__":
    run()
