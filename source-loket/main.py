from source_loket.run import run

if __name__ == "__main__":
    run()
