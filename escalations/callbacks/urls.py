from django.urls import path

from escalations.callbacks import views

app_name = "callbacks"
urlpatterns = [
    path("", views.board, name="board"),
    path("<str:number>/call/", views.call, name="call"),
    path("<str:number>/steps/", views.step, name="step"),
]
