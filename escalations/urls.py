from django.urls import path

from escalations import views

app_name = "escalations"
urlpatterns = [
    path("", views.ticket_list, name="list"),
    path("new/", views.ticket_new, name="new"),
    path("new/advice/", views.ticket_advice, name="advice"),
    path("<str:number>/", views.ticket_page, name="ticket"),
    path("<str:number>/steps/", views.ticket_steps, name="steps"),
]
