# Eight threads share out work by queues; prints how many threads there were and the sum of what they did.
import os
import queue
import threading

todo = queue.Queue()
done = queue.Queue()


def work():
    while (item := todo.get()) is not None:
        done.put(item * item)


def count_threads():
    return len(os.listdir("/proc/self/task"))


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for item in range(2000):
    todo.put(item)
at_work = count_threads()
for thread in threads:
    todo.put(None)
for thread in threads:
    thread.join()
while count_threads() > 1:  # who is joined may still be on its way out
    pass
print(at_work, sum(done.get() for _ in range(2000)), count_threads())
